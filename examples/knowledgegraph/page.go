package main

import (
	"context"
	_ "embed"
	"errors"
	"html/template"
	"os"
	"strings"

	"github.com/quintet-ai/quintet/graph"
	"github.com/quintet-ai/quintet/graph/picture"
)

//go:embed page.html
var page string

// drawing is what the page shows.
type drawing struct {
	SVG         template.HTML // WriteSVG escapes what it writes
	Entities    int           // of the library
	Shown       int
	Communities []community
	Question    string
	Answers     []answer
}

// community is names and terms that stand together.
type community struct {
	Color string
	Size  int
	Top   []string
	Links []link
}

// link is two members that stand together, and the files in which they do.
type link struct {
	From, To string
	Files    []string
}

// draw finds the communities and draws the entities that are mentioned most.
func (l *library) draw(ctx context.Context, nodes int) (*drawing, error) {
	all := l.entities.Entities()
	g, mentions, err := l.most(nodes)
	if err != nil {
		return nil, err
	}
	c, err := graph.Leiden(ctx, g, graph.LeidenOptions{})
	if err != nil {
		return nil, err
	}
	places, err := graph.ForceLayout(ctx, g, graph.ForceLayoutOptions{})
	if err != nil {
		return nil, err
	}
	var svg strings.Builder
	o := picture.Options[string]{Groups: c.Labels, Scores: mentions, Height: 760}
	if err := picture.WriteSVG(&svg, g, places, o); err != nil {
		return nil, err
	}
	d := &drawing{SVG: template.HTML(svg.String()), Entities: len(all), Shown: g.Order()}
	d.Communities, err = l.describe(ctx, g, &c.Partition)
	return d, err
}

// most returns the graph of the entities with the most mentions, and how many these
// are. Of names that stand alone it has none.
func (l *library) most(n int) (*graph.Graph[string], []float64, error) {
	whole, err := l.entities.Graph()
	if err != nil {
		return nil, nil, err
	}
	b := graph.NewBuilder[string](graph.BuilderOptions{})
	counts := map[string]float64{}
	for _, e := range l.entities.Entities() {
		if len(counts) < n && whole.Degree(e.Entity) > 0 {
			counts[e.Entity] = float64(e.Mentions)
		}
	}
	for e := range whole.Edges() {
		if counts[e.From] > 0 && counts[e.To] > 0 {
			b.AddEdge(e.From, e.To, e.Weight)
		}
	}
	g, err := b.Build()
	if err != nil {
		return nil, nil, err
	}
	var mentions []float64
	for k := range g.Nodes() {
		mentions = append(mentions, counts[k])
	}
	return g, mentions, nil
}

// describe says what communities are about, and why.
func (l *library) describe(ctx context.Context, g *graph.Graph[string], p *graph.Partition[string]) ([]community, error) {
	summaries, err := graph.SummarizeCommunities(ctx, g, p, graph.CommunitySummariesOptions{TopNodes: 6, SampleEdges: 3})
	if err != nil {
		return nil, err
	}
	var out []community
	for i, s := range summaries {
		c := community{Color: "#bbbbbb", Size: len(s.Members)}
		if colors := picture.Palette(); i < len(colors) {
			c.Color = colors[i]
		}
		for _, r := range s.Top {
			c.Top = append(c.Top, r.Node)
		}
		for _, e := range s.Edges {
			link := link{From: e.From, To: e.To}
			for _, source := range l.entities.Sources(e.From, e.To) {
				link.Files = append(link.Files, source.Document)
			}
			c.Links = append(c.Links, link)
		}
		out = append(out, c)
	}
	return out, nil
}

func (d *drawing) write(name string) error {
	t, err := template.New("page").Parse(page)
	if err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(t.Execute(f, d), f.Close())
}
