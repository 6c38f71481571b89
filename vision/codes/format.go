package codes

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/aztec"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// Format is a kind of code.
type Format string

// The formats. Aztec codes are read, not drawn.
const (
	QR         Format = "qr"
	DataMatrix Format = "data_matrix"
	Aztec      Format = "aztec"
	Code128    Format = "code_128"
	Code93     Format = "code_93"
	Code39     Format = "code_39"
	Codabar    Format = "codabar"
	EAN13      Format = "ean_13" // UPC-A too, with a 0 before it
	EAN8       Format = "ean_8"
	UPCA       Format = "upc_a"
	UPCE       Format = "upc_e"
	ITF        Format = "itf"
)

// kind is what gozxing has for a format.
type kind struct {
	format Format
	name   gozxing.BarcodeFormat
	reader func() gozxing.Reader // nil for QR codes, which have another kind of reader
	writer func() gozxing.Writer // nil if there is none
	usual  bool                  // it is looked for by default
}

func kinds() []kind {
	return []kind{
		{QR, gozxing.BarcodeFormat_QR_CODE, nil, func() gozxing.Writer { return qrcode.NewQRCodeWriter() }, true},
		{DataMatrix, gozxing.BarcodeFormat_DATA_MATRIX,
			func() gozxing.Reader { return datamatrix.NewDataMatrixReader() }, datamatrix.NewDataMatrixWriter, true},
		{Aztec, gozxing.BarcodeFormat_AZTEC, func() gozxing.Reader { return aztec.NewAztecReader() }, nil, true},
		{Code128, gozxing.BarcodeFormat_CODE_128, oned.NewCode128Reader, oned.NewCode128Writer, true},
		{Code93, gozxing.BarcodeFormat_CODE_93, oned.NewCode93Reader, oned.NewCode93Writer, true},
		{Code39, gozxing.BarcodeFormat_CODE_39, oned.NewCode39Reader, oned.NewCode39Writer, false},
		{Codabar, gozxing.BarcodeFormat_CODABAR, oned.NewCodaBarReader, oned.NewCodaBarWriter, false},
		{EAN13, gozxing.BarcodeFormat_EAN_13, oned.NewEAN13Reader, oned.NewEAN13Writer, true},
		{EAN8, gozxing.BarcodeFormat_EAN_8, oned.NewEAN8Reader, oned.NewEAN8Writer, true},
		{UPCA, gozxing.BarcodeFormat_UPC_A, oned.NewUPCAReader, oned.NewUPCAWriter, false},
		{UPCE, gozxing.BarcodeFormat_UPC_E, oned.NewUPCEReader, oned.NewUPCEWriter, false},
		{ITF, gozxing.BarcodeFormat_ITF, oned.NewITFReader, oned.NewITFWriter, false},
	}
}

// find returns what there is for a format.
func (f Format) find() (kind, bool) {
	for _, k := range kinds() {
		if k.format == f {
			return k, true
		}
	}
	return kind{}, false
}
