package vector

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"
	"unsafe"

	"github.com/quintet-ai/quintet"
)

// Key is a type that can identify items.
type Key interface {
	~int | ~int64 | ~uint64 | ~string
}

// keyCodec writes keys to files and reads them, by the kind behind their type.
type keyCodec[K Key] struct{ kind reflect.Kind }

func newKeyCodec[K Key]() keyCodec[K] { return keyCodec[K]{kind: reflect.TypeFor[K]().Kind()} }

func (c keyCodec[K]) append(b []byte, k K) []byte {
	switch at := unsafe.Pointer(&k); c.kind {
	case reflect.String:
		return appendString(b, *(*string)(at))
	case reflect.Int:
		return binary.LittleEndian.AppendUint64(b, uint64(*(*int)(at)))
	default:
		return binary.LittleEndian.AppendUint64(b, *(*uint64)(at))
	}
}

func (c keyCodec[K]) read(d *decoder) (k K) {
	if c.kind == reflect.String {
		return c.ofString(d.string())
	}
	b := d.take(8)
	if d.err != nil {
		return k
	}
	n := binary.LittleEndian.Uint64(b)
	if c.kind == reflect.Uint64 {
		return c.ofUint(n)
	}
	k, d.err = c.ofInt(int64(n))
	return k
}

// What follows is called for keys of the kind that it says, whose memory is that of
// the kind's own type. Reflection would allocate each of them.

func (c keyCodec[K]) ofString(s string) K { return *(*K)(unsafe.Pointer(&s)) }

func (c keyCodec[K]) ofUint(n uint64) K { return *(*K)(unsafe.Pointer(&n)) }

// ofInt refuses what an int of 32 bits does not hold.
func (c keyCodec[K]) ofInt(n int64) (k K, err error) {
	if c.kind == reflect.Int64 {
		return *(*K)(unsafe.Pointer(&n)), nil
	}
	i := int(n)
	if int64(i) != n {
		return k, fmt.Errorf("key %d does not fit %d bits: %w", n, strconv.IntSize, quintet.ErrInput)
	}
	return *(*K)(unsafe.Pointer(&i)), nil
}
