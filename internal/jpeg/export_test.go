package jpeg

var (
	IDCT8, IDCT8Generic = idct8, idct8Generic
	IDCT4, IDCT4Generic = idct4, idct4Generic
	IDCT2               = idct2
)
