package graph

import "context"

// Result is what a [Pipeline] found out about a graph. The parts of tasks that
// were not selected are zero.
type Result[K comparable] struct {
	Stats       Stats          `json:"stats,omitzero"`       // of TaskStats
	Components  ComponentStats `json:"components,omitzero"`  // of TaskComponents
	Ranks       []Ranked[K]    `json:"ranks,omitzero"`       // of TaskRanks: best first, at most Options.TopRanks
	Communities CommunityStats `json:"communities,omitzero"` // of TaskCommunities
	Anomalies   []Anomaly[K]   `json:"anomalies,omitzero"`   // of TaskAnomalies: most unusual first
}

// Stats describes a graph as a whole.
type Stats struct {
	Order    int         `json:"order"`    // nodes
	Size     int         `json:"size"`     // edges
	Directed bool        `json:"directed"` // edges have a direction
	Weighted bool        `json:"weighted"` // some edge weighs other than 1
	Loops    int         `json:"loops"`    // edges from a node to itself
	Density  float64     `json:"density"`  // Size per pair of different nodes; 0 below two nodes
	Degrees  DegreeStats `json:"degrees"`  // as Degrees counts them by default
}

// ComponentStats describes the connected components of a graph.
type ComponentStats struct {
	Count int   `json:"count"` // components in all
	Sizes []int `json:"sizes"` // nodes of the largest, at most Options.TopComponents, largest first
}

// CommunityStats describes the communities that [Leiden] finds in a graph.
type CommunityStats struct {
	Count      int     `json:"count"`      // communities in all
	Sizes      []int   `json:"sizes"`      // nodes of the largest, at most Options.TopCommunities, largest first
	Modularity float64 `json:"modularity"` // quality of the division, see Modularity
}

func newStats[K comparable](ctx context.Context, g *Graph[K]) (Stats, error) {
	degrees, err := Degrees(ctx, g, DegreesOptions{})
	s := Stats{
		Order: g.Order(), Size: g.Size(), Directed: g.Directed(), Weighted: g.Weighted(),
		Loops: g.CSR().loops, Degrees: degrees,
	}
	if n := float64(s.Order); n > 1 {
		s.Density = float64(s.Size) / (n * (n - 1))
		if !s.Directed {
			s.Density *= 2
		}
	}
	return s, err
}
