package store

import (
	"regexp"
	"strings"
)

var betweenURLs = regexp.MustCompile(`,\s*(postgres(?:ql)?://)`)

// SplitURLs divides a list of URLs of Postgres, as settings write it. One URL may itself name several
// hosts with commas, so only a comma in front of a scheme divides. Nothing at all is no URL.
func SplitURLs(list string) []string {
	if strings.TrimSpace(list) == "" {
		return nil
	}
	urls := strings.Split(betweenURLs.ReplaceAllString(list, "\n$1"), "\n")
	for i := range urls {
		urls[i] = strings.TrimSpace(urls[i])
	}
	return urls
}
