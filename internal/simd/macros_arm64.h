// The assembler lacks these three instructions on four floats.
// FADD4, FSUB4: d = n + m, d = n - m. FADDP4: d = sums of pairs of n, then of m.
#define FADD4(m, n, d) WORD $(0x4E20D400 | (m)<<16 | (n)<<5 | (d))
#define FSUB4(m, n, d) WORD $(0x4EA0D400 | (m)<<16 | (n)<<5 | (d))
#define FADDP4(m, n, d) WORD $(0x6E20D400 | (m)<<16 | (n)<<5 | (d))

// HEAD prefetches the first 256 bytes of the row whose number is at rows+off;
// the processor's own prefetcher takes over from there.
#define HEAD(off) \
	MOVWU off(R5), R13 \
	MADD  R4, R3, R13, R13 \
	PRFM  (R13), PLDL1KEEP \
	PRFM  64(R13), PLDL1KEEP \
	PRFM  128(R13), PLDL1KEEP \
	PRFM  192(R13), PLDL1KEEP

