//go:build !purego

package jpeg

// SetBMI2 says whether to use the kernel of codes.
func SetBMI2(use bool) { hasBMI2 = use }
