package vec

// MaxOfRows is dst[i] = the largest of rows[0][i], rows[1][i], …; NaN if any of
// them is NaN. The rows are the pixels of a max-pooling window, channels last;
// dst may be rows[0] but no other row. It panics for no rows.
func MaxOfRows(dst []float32, rows [][]float32) {
	if len(rows) >= 4 {
		max4Blocks(dst, rows[0], rows[1], rows[2], rows[3])
		rows = rows[4:]
	} else {
		copy(dst, rows[0][:len(dst):len(rows[0])])
		rows = rows[1:]
	}
	for ; len(rows) >= 3; rows = rows[3:] {
		max4Blocks(dst, dst, rows[0], rows[1], rows[2])
	}
	for _, r := range rows {
		maxBlocks(dst, dst, r)
	}
}

// SumOfRows is dst[i] = (rows[0][i] + rows[1][i] + …) * scale. With a scale of
// one over the number of pixels it is average pooling, channels last; dst may
// be rows[0] but no other row. It panics for no rows.
func SumOfRows(dst []float32, rows [][]float32, scale float32) {
	if len(rows) >= 4 {
		sum4Blocks(dst, rows[0], rows[1], rows[2], rows[3])
		rows = rows[4:]
	} else {
		copy(dst, rows[0][:len(dst):len(rows[0])])
		rows = rows[1:]
	}
	for ; len(rows) >= 3; rows = rows[3:] {
		sum4Blocks(dst, dst, rows[0], rows[1], rows[2])
	}
	for _, r := range rows {
		addBlocks(dst, dst, r)
	}
	if scale != 1 {
		mulScalarBlocks(dst, dst, scale)
	}
}
