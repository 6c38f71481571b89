//go:build !amd64 || purego

package hnsw

import "unsafe"

const useAssembly = false

func l2RowsAsm(_, _ *float32, _ int, _ **byte, _, _, _ int, _ *uint32, _ int)    {}
func dotRowsAsm(_, _ *float32, _ int, _ **byte, _, _, _ int, _ *uint32, _ int)   {}
func l2HalvesAsm(_, _ *float32, _ int, _ **byte, _, _, _ int, _ *uint32, _ int)  {}
func dotHalvesAsm(_, _ *float32, _ int, _ **byte, _, _, _ int, _ *uint32, _ int) {}
func fromHalvesAsm(_ *float32, _ *uint16, _ int)                                 {}
func fetchAsm(_ unsafe.Pointer, _, _, _ int, _ *uint32, _, _ int)                {}

func codeRowsAsm(_ *float32, _ *byte, _ int, _ **byte, _, _, _ int, _ *uint32, _ int, _ float32) {}

func bitRowsAsm(_ *float32, _ *uint64, _ int, _ **byte, _, _, _ int, _ *uint32, _ int, _ float32, _ int32) {
}
