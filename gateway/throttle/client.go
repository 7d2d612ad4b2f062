package throttle

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// What a client is known by, the best first.

// ByKey is the client that sends an API key of a name.
func ByKey(name string) string { return "k:" + short(name) }

// ByViewer is the client that proved which row stands for them.
func ByViewer(id string) string { return "v:" + short(id) }

// BySubject is the client of whom an issuer says who they are. Two issuers may call different people the
// same.
func BySubject(issuer, subject string) string { return "t:" + digest(issuer+"\n"+subject) }

// BySession is the client of a session. What names a session may be a secret, so nothing keeps it.
func BySession(value string) string { return "s:" + digest(value) }

// ByAddress is the client at an address: an IPv4 address, or the /64 that an IPv6 network hands to one
// customer, who has 2^64 of them.
func ByAddress(a netip.Addr) string {
	if !a.IsValid() {
		return "a:unknown"
	}
	a = a.Unmap().WithZone("")
	if a.Is4() {
		return "a:" + a.String()
	}
	prefix, err := a.Prefix(64)
	if err != nil { // 64 bits of 128
		return "a:unknown"
	}
	return "a:" + prefix.String()
}

// short bounds the key of a name that somebody else chose.
func short(name string) string {
	const most = 64
	if len(name) <= most {
		return name
	}
	return "#" + digest(name)
}

func digest(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:16])
}

// Address is the address of whoever sent a request through a number of proxies that are trusted, each of
// which appends the address that it sees to X-Forwarded-For. It counts from the right, so what a client
// wrote there itself is never looked at. A request with fewer entries than there are proxies, or with
// one that is no address, came another way: it counts as its connection.
func Address(r *http.Request, proxies int) netip.Addr {
	connection := addressOf(r.RemoteAddr)
	if proxies <= 0 {
		return connection
	}
	for _, line := range slices.Backward(r.Header["X-Forwarded-For"]) {
		for rest, more := line, true; more; {
			entry := rest
			at := strings.LastIndexByte(rest, ',')
			if more = at >= 0; more {
				entry, rest = rest[at+1:], rest[:at]
			}
			if proxies--; proxies == 0 {
				if a := addressOf(strings.TrimSpace(entry)); a.IsValid() {
					return a
				}
				return connection
			}
		}
	}
	return connection
}

// addressOf reads an address with or without a port.
func addressOf(text string) netip.Addr {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr()
	}
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return a
}
