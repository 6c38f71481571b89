package jpeg

var (
	IDCT8, IDCT8Generic = idct8, idct8Generic
	IDCT4, IDCT2        = idct4, idct2
)
