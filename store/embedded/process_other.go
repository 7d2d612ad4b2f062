//go:build !linux

package embedded

import (
	"os/exec"
	"strconv"
	"strings"
)

// postgresIn lists the postmaster if it is alive and really serves dataDir. Its
// backends notice by themselves when it ends.
func postgresIn(dataDir string, postmaster int) []int {
	command, err := exec.Command("ps", "-o", "command=", "-p", strconv.Itoa(postmaster)).Output()
	if err != nil || !strings.Contains(string(command), dataDir) {
		return nil
	}
	return []int{postmaster}
}
