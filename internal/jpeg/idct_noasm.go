//go:build !amd64 || purego

package jpeg

func idct8(b *[64]int32, dst []uint8, stride int) { idct8Generic(b, dst, stride) }

func idct4(b *[64]int32, dst []uint8, stride int) { idct4Generic(b, dst, stride) }
