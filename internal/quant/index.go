package quant

import (
	"strconv"

	"github.com/quintet-ai/quintet/internal/onnxpb"
)

// index knows where the values of the main graph come from and go to.
type index struct {
	model  *onnxpb.Model
	inits  map[string]*onnxpb.Tensor
	makers map[string]*onnxpb.Node
	users  map[string][]*onnxpb.Node // in the main graph
	pinned map[string]string         // values that must stay, and why
	taken  map[string]bool           // names that are in use anywhere
	tried  map[string]int            // how many names with this beginning were taken
}

func newIndex(m *onnxpb.Model) *index {
	x := &index{model: m, inits: map[string]*onnxpb.Tensor{}, makers: map[string]*onnxpb.Node{},
		users: map[string][]*onnxpb.Node{}, pinned: map[string]string{}, taken: map[string]bool{},
		tried: map[string]int{}}
	for _, t := range m.Graph.Initializers {
		x.inits[t.Name] = t
		x.taken[t.Name] = true
	}
	for _, n := range m.Graph.Nodes {
		for _, out := range n.Outputs {
			x.makers[out] = n
		}
		for _, in := range n.Inputs {
			if u := x.users[in]; len(u) == 0 || u[len(u)-1] != n {
				x.users[in] = append(u, n)
			}
		}
	}
	x.pin()
	return x
}

// pin notes what the outside world and the subgraphs see, and all names.
func (x *index) pin() {
	g := x.model.Graph
	for _, v := range g.Inputs {
		x.taken[v.Name] = true
		if x.model.IRVersion >= 4 { // before, initializers had to be inputs too
			x.pinned[v.Name] = "is an input, which the caller may replace"
		}
	}
	for _, v := range g.Outputs {
		x.pinned[v.Name] = "is an output of the model"
	}
	for sub := range g.All() {
		for _, n := range sub.Nodes {
			for _, name := range n.Inputs {
				x.taken[name] = true
				if sub != g {
					x.pinned[name] = "is used in a subgraph"
				}
			}
			for _, name := range n.Outputs {
				x.taken[name] = true
			}
		}
		for _, v := range sub.Outputs {
			x.taken[v.Name] = true
			if sub != g {
				x.pinned[v.Name] = "is used in a subgraph"
			}
		}
		for _, t := range sub.Initializers {
			x.taken[t.Name] = true
		}
		for _, v := range sub.Inputs {
			x.taken[v.Name] = true
		}
	}
}

// fresh returns a name that nothing has, base if possible.
func (x *index) fresh(base string) string {
	name := base
	for x.taken[name] {
		x.tried[base]++
		name = base + "_" + strconv.Itoa(x.tried[base])
	}
	x.taken[name] = true
	return name
}

// title is what people call a node.
func title(n *onnxpb.Node) string {
	if n.Name != "" {
		return n.Name
	}
	return n.Output(0)
}
