//go:build !linux

package embedded

import "syscall"

const hasParentDeathSignal = false

// setParentDeathSignal does nothing here: a lifeline stands in for it.
func setParentDeathSignal(*syscall.SysProcAttr, syscall.Signal) {}
