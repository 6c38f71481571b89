package server

import (
	_ "embed"
	"net/http"

	"github.com/quintet-ai/quintet/server/internal/webpage"
)

//go:embed explorer.html
var explorerMarkup string

//go:embed explorer.css
var explorerStyle string

//go:embed explorer.js
var explorerScript string

// explorerRoutes are the page that lists the routes of the OpenAPI document with a form
// to try each; nothing in production.
func (s *Server) explorerRoutes() []route {
	if s.opt.Production {
		return nil
	}
	return []route{{
		method: http.MethodGet, pattern: "/docs", tag: "service", summary: "Page to try the routes", quick: true,
		serve: passTo(webpage.New(explorerMarkup, explorerStyle, explorerScript)),
	}}
}
