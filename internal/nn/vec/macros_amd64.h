// TAILMASK makes in Y the mask of the first CX lanes, 0 < CX < 8. Masked loads
// neither read nor fault past the end and give zeros there.
#define TAILMASK(Y) \
	LEAQ    lanes<>+32(SB), R12 \
	SHLQ    $2, CX \
	SUBQ    CX, R12 \
	VMOVUPS (R12), Y

DATA lanes<>+0(SB)/8, $-1
DATA lanes<>+8(SB)/8, $-1
DATA lanes<>+16(SB)/8, $-1
DATA lanes<>+24(SB)/8, $-1
DATA lanes<>+32(SB)/8, $0
DATA lanes<>+40(SB)/8, $0
DATA lanes<>+48(SB)/8, $0
DATA lanes<>+56(SB)/8, $0
GLOBL lanes<>(SB), RODATA|NOPTR, $64
