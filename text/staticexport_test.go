package text

import "io"

// ReadStaticMatrix reads model.safetensors of that size and returns its rows.
func ReadStaticMatrix(r io.Reader, size uint64) (rows [][]float32, err error) {
	m, err := readStaticMatrix(r, size)
	if err != nil {
		return nil, err
	}
	for i := range m.rows {
		rows = append(rows, append([]float32(nil), m.row(make([]float32, m.dim), i)...))
	}
	return rows, nil
}
