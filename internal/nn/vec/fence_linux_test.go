package vec_test

import (
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// newFence returns memory whose neighbouring pages nobody may touch: a kernel
// that reads or writes past an end of it crashes.
func newFence(t *testing.T) []float32 {
	page := syscall.Getpagesize()
	const access, kind = syscall.PROT_READ | syscall.PROT_WRITE, syscall.MAP_ANON | syscall.MAP_PRIVATE
	all, err := syscall.Mmap(-1, 0, 3*page, access, kind)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Munmap(all)) })
	require.NoError(t, syscall.Mprotect(all[:page], syscall.PROT_NONE))
	require.NoError(t, syscall.Mprotect(all[2*page:], syscall.PROT_NONE))
	return unsafe.Slice((*float32)(unsafe.Pointer(&all[page])), page/4)
}
