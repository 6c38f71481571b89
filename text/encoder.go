package text

import (
	"context"
	"errors"
	"fmt"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/internal/tokenize"
	"github.com/quintet-ai/quintet/optimize"
)

// encoder computes embeddings with a transformer.
type encoder struct {
	*transformer
	opt     EmbedderOptions
	pooling Pooling
	output  int // of the session
	dim     int // of a vector of the model; -1 if it does not say
}

// newEncoder loads what o names.
func newEncoder(ctx context.Context, o EmbedderOptions) (e *encoder, err error) {
	e = &encoder{opt: o, pooling: o.Pooling}
	if e.pooling == PoolModel {
		if e.pooling, err = poolingOf(o.Model); err != nil {
			return nil, err
		}
	}
	if e.transformer, err = openTransformer(ctx, o.Runtime, o.Model, o.Session, o.MaxTokens); err != nil {
		return nil, err
	}
	if err := e.bind(); err != nil {
		return nil, errors.Join(err, e.close())
	}
	return e, nil
}

func poolingOf(m optimize.Model) (Pooling, error) {
	var config struct {
		CLS bool `json:"pooling_mode_cls_token"`
		Max bool `json:"pooling_mode_max_tokens"`
	}
	err := readJSON(m, "1_Pooling/config.json", &config)
	switch {
	case err != nil:
		return 0, err
	case config.CLS:
		return PoolCLS, nil
	case config.Max:
		return PoolMax, nil
	}
	return PoolMean, nil
}

// bind chooses the output and checks that it is an embedding.
func (e *encoder) bind() error {
	outputs := e.session.Outputs()
	if len(outputs) == 0 {
		return fmt.Errorf("text: the model has no output: %w", quintet.ErrModel)
	}
	for i, out := range outputs {
		if out.Name == "sentence_embedding" {
			e.output = i // pooled by the model itself
		}
	}
	out := outputs[e.output]
	if out.DType != optimize.Float32 || len(out.Shape) != 2 && len(out.Shape) != 3 {
		return fmt.Errorf("text: output %v is no embedding: %w", out, quintet.ErrModel)
	}
	e.dim = out.Shape[len(out.Shape)-1]
	if e.dim > 0 && e.opt.Dim > e.dim {
		return fmt.Errorf("text: Dim is %d, the model has %d: %w", e.opt.Dim, e.dim, quintet.ErrOption)
	}
	return nil
}

// embed computes the vectors of a batch.
func (e *encoder) embed(ctx context.Context, texts []string, padded func(int) int) ([][]float32, error) {
	encodings := e.encode(texts, e.opt.Prefix)
	outputs, err := e.run(ctx, encodings, padded)
	if err != nil {
		return nil, err
	}
	return e.vectors(outputs[e.output], encodings)
}

// vectors pools, cuts and normalises the output of a batch.
func (e *encoder) vectors(t optimize.Tensor, encodings []tokenize.Encoding) ([][]float32, error) {
	data, err := optimize.Data[float32](t)
	if err != nil {
		return nil, err
	}
	shape := t.Shape()
	dim := shape[len(shape)-1]
	if shape[0] != len(encodings) || dim == 0 || e.opt.Dim > dim {
		return nil, fmt.Errorf("output %v for %d texts and Dim %d: %w", t, len(encodings), e.opt.Dim, quintet.ErrModel)
	}
	row := len(data) / len(encodings)
	out := make([][]float32, len(encodings))
	var errs []error
	for i, x := range encodings {
		v := make([]float32, dim)
		if len(shape) == 2 {
			copy(v, data[i*row:])
		} else {
			e.pooling.pool(v, data[i*row:(i+1)*row], max(x.Len(), 1))
		}
		if e.opt.Dim > 0 {
			v = v[:e.opt.Dim:e.opt.Dim]
		}
		if !e.opt.NoNormalize {
			if err := toUnit(v); err != nil {
				errs = append(errs, optimize.FailItem(i, err))
			}
		}
		out[i] = v
	}
	return out, errors.Join(errs...)
}
