package main

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"
)

// variable is the environment variable of a flag.
func variable(flag string) string {
	return "BACKLINE_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// check is nil if a setting is good, and otherwise says what it must be.
func check(good bool, flag string, value any, must string) error {
	if good {
		return nil
	}
	name := "--" + flag
	if flag != "reset" {
		name += " (" + variable(flag) + ")"
	}
	if s, ok := value.(string); ok {
		value = strconv.Quote(s)
	}
	return fmt.Errorf("%s is %v: it must be %s", name, value, must)
}

func oneOf(flag, value string, allowed ...string) error {
	return check(slices.Contains(allowed, value), flag, value, strings.Join(allowed, " or "))
}

const maxTimeout = 10 * time.Minute

func timeout(flag string, value time.Duration) error {
	return check(value > 0 && value <= maxTimeout, flag, value, "above 0, and at most "+maxTimeout.String())
}

func address(flag, value string) error {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	return check(err == nil, flag, value, "HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:8080 or :8080")
}

func distinct(flag, value, other string) error {
	return check(value != other || strings.HasSuffix(value, ":0"), flag, value, "another address than --addr")
}

// list are the items between commas; blanks around them and empty ones do not count.
func list(value string) []string {
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
