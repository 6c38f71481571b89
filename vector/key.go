package vector

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strconv"

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
	switch v := reflect.ValueOf(k); c.kind {
	case reflect.String:
		return appendString(b, v.String())
	case reflect.Uint64:
		return binary.LittleEndian.AppendUint64(b, v.Uint())
	default:
		return binary.LittleEndian.AppendUint64(b, uint64(v.Int()))
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

func (c keyCodec[K]) ofString(s string) (k K) {
	reflect.ValueOf(&k).Elem().SetString(s)
	return k
}

func (c keyCodec[K]) ofUint(n uint64) (k K) {
	reflect.ValueOf(&k).Elem().SetUint(n)
	return k
}

// ofInt refuses what an int of 32 bits does not hold.
func (c keyCodec[K]) ofInt(n int64) (k K, err error) {
	if c.kind == reflect.Int && int64(int(n)) != n {
		return k, fmt.Errorf("key %d does not fit %d bits: %w", n, strconv.IntSize, quintet.ErrInput)
	}
	reflect.ValueOf(&k).Elem().SetInt(n)
	return k, nil
}
