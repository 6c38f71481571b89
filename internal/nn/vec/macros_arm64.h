// The assembler lacks these instructions on four floats, or spells them with
// more letters. Operands are register numbers, d = result, in the order of the
// architecture's manual.
#define FADD4(d, n, m) WORD $(0x4E20D400 | (m)<<16 | (n)<<5 | (d))
#define FSUB4(d, n, m) WORD $(0x4EA0D400 | (m)<<16 | (n)<<5 | (d))
#define FMUL4(d, n, m) WORD $(0x6E20DC00 | (m)<<16 | (n)<<5 | (d))
#define FDIV4(d, n, m) WORD $(0x6E20FC00 | (m)<<16 | (n)<<5 | (d))
#define FMAX4(d, n, m) WORD $(0x4E20F400 | (m)<<16 | (n)<<5 | (d))
#define FMIN4(d, n, m) WORD $(0x4EA0F400 | (m)<<16 | (n)<<5 | (d))

// d += n*m, d -= n*m
#define FMLA4(d, n, m) WORD $(0x4E20CC00 | (m)<<16 | (n)<<5 | (d))
#define FMLS4(d, n, m) WORD $(0x4EA0CC00 | (m)<<16 | (n)<<5 | (d))

// All ones where n >= m, n > m, n < 0 as an integer.
#define FCMGE4(d, n, m) WORD $(0x6E20E400 | (m)<<16 | (n)<<5 | (d))
#define FCMGT4(d, n, m) WORD $(0x6EA0E400 | (m)<<16 | (n)<<5 | (d))
#define CMLTZ4(d, n) WORD $(0x4EA0A800 | (n)<<5 | (d))

#define FSQRT4(d, n) WORD $(0x6EA1F800 | (n)<<5 | (d))
#define FRINTN4(d, n) WORD $(0x4E218800 | (n)<<5 | (d))
#define FRINTM4(d, n) WORD $(0x4E219800 | (n)<<5 | (d))
#define FRINTP4(d, n) WORD $(0x4EA18800 | (n)<<5 | (d))
#define FCVTNS4(d, n) WORD $(0x4E21A800 | (n)<<5 | (d))
#define SCVTF4(d, n) WORD $(0x4E21D800 | (n)<<5 | (d))

#define ADD4(d, n, m) WORD $(0x4EA08400 | (m)<<16 | (n)<<5 | (d))
#define SUB4(d, n, m) WORD $(0x6EA08400 | (m)<<16 | (n)<<5 | (d))
#define SHL4(d, n, s) WORD $(0x4F005400 | (32+(s))<<16 | (n)<<5 | (d))
#define SSHR4(d, n, s) WORD $(0x4F000400 | (64-(s))<<16 | (n)<<5 | (d))

#define AND16(d, n, m) WORD $(0x4E201C00 | (m)<<16 | (n)<<5 | (d))
#define ORR16(d, n, m) WORD $(0x4EA01C00 | (m)<<16 | (n)<<5 | (d))
#define EOR16(d, n, m) WORD $(0x6E201C00 | (m)<<16 | (n)<<5 | (d))

// BSL16: d = n where d is set, m where it is not. BIT16: d = n where m is set.
#define BSL16(d, n, m) WORD $(0x6E601C00 | (m)<<16 | (n)<<5 | (d))
#define BIT16(d, n, m) WORD $(0x6EA01C00 | (m)<<16 | (n)<<5 | (d))

// Four halves in the low or high half of n to floats, and floats to halves there.
#define FCVTL4(d, n) WORD $(0x0E217800 | (n)<<5 | (d))
#define FCVTL4HIGH(d, n) WORD $(0x4E217800 | (n)<<5 | (d))
#define FCVTN4(d, n) WORD $(0x0E216800 | (n)<<5 | (d))
#define FCVTN4HIGH(d, n) WORD $(0x4E216800 | (n)<<5 | (d))
