//go:build !linux

package hub_test

var limitFiles func(n uint64) error
