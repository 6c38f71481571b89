// ADDRESS leaves in reg the address of the row whose id is at ids+off. The ids
// register is R8; CX and R14 are scratch.
#define ADDRESS(off, reg) \
	MOVL  off(R8), reg \
	MOVQ  shift+32(FP), CX \
	SHRXQ CX, reg, R14 \
	ANDQ  mask+40(FP), reg \
	IMULQ stride+48(FP), reg \
	MOVQ  bases+24(FP), CX \
	ADDQ  (CX)(R14*8), reg

// NEXT leaves the addresses of the next four rows in AX, BX, DX and DI.
#define NEXT \
	ADDRESS(0, AX) \
	ADDRESS(4, BX) \
	ADDRESS(8, DX) \
	ADDRESS(12, DI)

// ADVANCE makes the next four rows the current ones and finds those after them;
// the last group has itself as the next, which costs a few hits of the cache.
#define ADVANCE \
	MOVQ AX, R11 \
	MOVQ BX, R12 \
	MOVQ DX, R13 \
	MOVQ DI, R15 \
	CMPQ R9, $4 \
	JLE  last \
	ADDQ $16, R8 \
	NEXT

// FETCH prefetches the line at offset CX of the next four rows.
#define FETCH \
	PREFETCHT0 (AX)(CX*1) \
	PREFETCHT0 (BX)(CX*1) \
	PREFETCHT0 (DX)(CX*1) \
	PREFETCHT0 (DI)(CX*1)

// CLEAR8 zeroes Y0 to Y7.
#define CLEAR8 \
	VXORPS Y0, Y0, Y0 \
	VXORPS Y1, Y1, Y1 \
	VXORPS Y2, Y2, Y2 \
	VXORPS Y3, Y3, Y3 \
	VXORPS Y4, Y4, Y4 \
	VXORPS Y5, Y5, Y5 \
	VXORPS Y6, Y6, Y6 \
	VXORPS Y7, Y7, Y7

// SUM4 adds up each of the four rows' two sums, Y0 to Y3 and Y4 to Y7, and leaves
// the results in X0.
#define SUM4 \
	VADDPS  Y4, Y0, Y0 \
	VADDPS  Y5, Y1, Y1 \
	VADDPS  Y6, Y2, Y2 \
	VADDPS  Y7, Y3, Y3 \
	VHADDPS Y1, Y0, Y0 \
	VHADDPS Y3, Y2, Y2 \
	VHADDPS Y2, Y0, Y0 \
	VEXTRACTF128 $1, Y0, X1 \
	VADDPS  X1, X0, X0

// CODE adds to sum the products of 32 bytes of a row and of q, which is in Y8, its
// absolute values in Y9; Y15 holds ones.
#define CODE(off, row, tmp, sum) \
	VMOVDQU off(row)(CX*1), tmp \
	VPSIGNB Y8, tmp, tmp \
	VPMADDUBSW tmp, Y9, tmp \
	VPMADDWD Y15, tmp, tmp \
	VPADDD  tmp, sum, sum

#define CODES(off) \
	VMOVDQU off(SI)(CX*1), Y8 \
	VPABSB Y8, Y9 \
	CODE(off, R11, Y10, Y0) \
	CODE(off, R12, Y11, Y1) \
	CODE(off, R13, Y12, Y2) \
	CODE(off, R15, Y13, Y3)

// HALVES leaves in Y10 to Y13 eight numbers of each of the four rows.
#define HALVES(off) \
	VCVTPH2PS off(R11)(CX*1), Y10 \
	VCVTPH2PS off(R12)(CX*1), Y11 \
	VCVTPH2PS off(R13)(CX*1), Y12 \
	VCVTPH2PS off(R15)(CX*1), Y13
