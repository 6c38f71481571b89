package quant_test

import (
	"fmt"

	"github.com/quintet-ai/quintet/internal/onnxpb/testmodel"
	"github.com/quintet-ai/quintet/internal/quant"
)

func ExampleDynamic() {
	m := testmodel.Encoder(testmodel.EncoderOptions{Layers: 1, Hidden: 64, Heads: 4, Inner: 256, Vocab: 100})
	r, err := quant.Dynamic(m, quant.Options{Embeddings: quant.PerRow})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range r.Layers {
		fmt.Printf("%s %s %dx%d\n", l.Op, l.Weight, l.Rows, l.Cols)
	}
	fmt.Println(r.Skipped[1].Op, r.Skipped[1].Node+":", r.Skipped[1].Reason)
	// Output:
	// Gather embeddings.word_embeddings.weight 100x64
	// MatMul encoder.layer.0.attention.self.query.weight 64x64
	// MatMul encoder.layer.0.attention.self.key.weight 64x64
	// MatMul encoder.layer.0.attention.self.value.weight 64x64
	// MatMul encoder.layer.0.attention.output.dense.weight 64x64
	// MatMul encoder.layer.0.intermediate.dense.weight 64x256
	// MatMul encoder.layer.0.output.dense.weight 256x64
	// MatMul MatMul_4: both operands are computed
}
