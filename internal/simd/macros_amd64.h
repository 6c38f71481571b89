// SUM8 adds up the eight floats of Y0, whose low half is X0, into X0, halving
// each time: shuffles have a third of the latency of horizontal additions.
#define SUM8 \
	VEXTRACTF128 $1, Y0, X1 \
	VADDPS   X1, X0, X0 \
	VMOVHLPS X0, X0, X1 \
	VADDPS   X1, X0, X0 \
	VMOVSHDUP X0, X1 \
	VADDSS   X1, X0, X0

// TAILMASK makes in Y15 the mask of the first CX lanes, 0 < CX < 8. Masked loads
// neither read nor fault past the end and give zeros there.
#define TAILMASK \
	LEAQ    lanes<>+32(SB), AX \
	SHLQ    $2, CX \
	SUBQ    CX, AX \
	VMOVUPS (AX), Y15

// HEAD prefetches the first 256 bytes of the row whose number is at rows+off;
// the processor's own prefetcher takes over from there.
#define HEAD(off) \
	MOVL  off(R8), AX \
	IMULQ DX, AX \
	PREFETCHT0 (BX)(AX*1) \
	PREFETCHT0 64(BX)(AX*1) \
	PREFETCHT0 128(BX)(AX*1) \
	PREFETCHT0 192(BX)(AX*1)

