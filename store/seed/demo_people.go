package seed

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// person is somebody with a name, at home in a country.
type person struct {
	country             *country
	first, last         string
	firstMail, lastMail string // in Latin letters
}

func newPerson(r *random) person {
	sum := 0
	for i := range countries {
		sum += countries[i].weight
	}
	at, c := r.below(sum), &countries[0]
	for i := range countries {
		if at -= countries[i].weight; at < 0 {
			c = &countries[i]
			break
		}
	}
	p := person{country: c}
	p.first, p.firstMail = native(pick(r, c.firsts))
	p.last, p.lastMail = native(pick(r, c.lasts))
	return p
}

// native splits a name of the word lists from the form that a mail address uses.
func native(name string) (written, mail string) {
	written, mail, found := strings.Cut(name, "=")
	if !found {
		mail = slug(written)
	}
	return written, mail
}

// email is the address of customer n.
func (p *person) email(n int64) string {
	return p.firstMail + "." + p.lastMail + strconv.FormatInt(n, 10) + "@" +
		[...]string{"example.com", "example.net", "example.org", "mail.example"}[n%4]
}

// newAddress makes up an address in a country.
func newAddress(r *random, c *country) address {
	city, state, _ := strings.Cut(pick(r, c.cities), "/")
	return address{
		street: text(pattern(r, c.street, c)), city: text(city), state: text(state),
		country: text(c.name), postalCode: text(pattern(r, c.postalCode, c)),
	}
}

// pattern fills in a pattern: # becomes a digit, @ a letter, * the name of an English street and ~
// a surname of the country.
func pattern(r *random, pattern string, c *country) string {
	out := make([]byte, 0, len(pattern)+16)
	for i := range len(pattern) {
		switch b := pattern[i]; b {
		case '#':
			first := 0
			if i == 0 || pattern[i-1] != '#' {
				first = 1 // numbers do not begin with 0
			}
			out = append(out, '0'+byte(r.between(first, 9)))
		case '@':
			out = append(out, "ABCEGHJKLMNPRSTVWXYZ"[r.below(20)])
		case '*':
			out = append(out, pick(r, streets)...)
		case '~':
			name, _ := native(pick(r, c.lasts))
			out = append(out, name...)
		default:
			out = append(out, b)
		}
	}
	return string(out)
}

// latin holds the letters that slug writes without their marks.
var latin = map[rune]string{
	'ß': "ss", 'æ': "ae", 'ð': "d", 'ø': "o", 'þ': "th", 'œ': "oe", 'đ': "d", 'ı': "i", 'ł': "l",
}

// marked lists letters with marks after the letter that they are made of.
var marked = words("aàáâãäåāăąạảấầậ|cçćč|dď|eèéêëēęěẹếềệễ|gğ|iìíîïīịİ|lľĺ|nñńňǹ|oòóôõöōőọốồộơờợ|rř|sśşšș|tťțţ|uùúûüūůűụưứừự|yýÿ|zźżž")

// slug is a name in small Latin letters without marks, spaces and apostrophes.
func slug(name string) string {
	out := make([]byte, 0, len(name))
	for _, c := range strings.ToLower(name) {
		switch {
		case 'a' <= c && c <= 'z':
			out = append(out, byte(c))
		case c < utf8.RuneSelf:
		case latin[c] != "":
			out = append(out, latin[c]...)
		default:
			for _, m := range marked {
				if strings.ContainsRune(m, c) {
					out = append(out, m[0])
				}
			}
		}
	}
	return string(out)
}
