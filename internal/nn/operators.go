package nn

import (
	"github.com/quintet-ai/quintet/internal/nn/graph"
	"github.com/quintet-ai/quintet/internal/nn/op"
	"github.com/quintet-ai/quintet/internal/nn/op/control"
	"github.com/quintet-ai/quintet/internal/nn/op/elementwise"
	"github.com/quintet-ai/quintet/internal/nn/op/layout"
	"github.com/quintet-ai/quintet/internal/nn/op/linear"
	"github.com/quintet-ai/quintet/internal/nn/op/quantised"
	"github.com/quintet-ai/quintet/internal/nn/op/recurrent"
	"github.com/quintet-ai/quintet/internal/nn/op/reduce"
	"github.com/quintet-ai/quintet/internal/nn/op/spatial"
)

// families are the operators by domain. They are read only.
var families = map[string][]op.Table{
	"": {elementwise.Table, reduce.Table, layout.Table, linear.Table, spatial.Table, recurrent.Table,
		quantised.Table, control.Table},
	graph.Microsoft: {elementwise.Microsoft, reduce.Microsoft, linear.Microsoft, quantised.Microsoft},
	graph.Fused:     {elementwise.Fused, reduce.Fused, linear.Fused, spatial.Fused, quantised.Fused},
}

// builderOf returns what builds the operator of n, nil if there is none.
func builderOf(n *graph.Node) op.Builder {
	for _, t := range families[n.Domain] {
		if b := t[n.Type]; b != nil {
			return b
		}
	}
	return nil
}
