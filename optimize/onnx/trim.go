//go:build cgo

package onnx

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

static void trim(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

// trim gives the memory that C has freed back to the system. glibc keeps it in an
// arena for each of the threads that ever loaded a model, and a process that loads
// models again and again grows by that.
func trim() { C.trim() }
