//go:build !linux

package embedded

// memoryDirs is empty where no directory in memory can be counted on.
func memoryDirs() []string { return nil }
