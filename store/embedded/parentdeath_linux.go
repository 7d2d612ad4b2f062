package embedded

import "syscall"

const hasParentDeathSignal = true

func setParentDeathSignal(attributes *syscall.SysProcAttr, signal syscall.Signal) {
	attributes.Pdeathsig = signal
}
