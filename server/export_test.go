package server

// Routes returns the methods and patterns of all routes.
func (s *Server) Routes() (all []string) {
	for _, rt := range s.routes {
		all = append(all, rt.name())
	}
	return all
}

// Held returns the bytes of all bodies that are in memory.
func (s *Server) Held() int64 { return s.held.Load() }

// InFlight returns how many requests are worked on, and how many are answered in pieces.
func (s *Server) InFlight() (flight, streams int64) { return s.flight.Load(), s.streams.Load() }

// ResponseTypes returns a zero value of the answer of each route that has one.
func (s *Server) ResponseTypes() map[string]any {
	all := map[string]any{}
	for _, rt := range s.routes {
		if rt.response != nil {
			all[rt.name()] = rt.response
		}
		if rt.piece != nil {
			all[rt.name()+" in pieces"] = rt.piece
		}
	}
	return all
}

// ParseQuickly is the reader of texts without reflection.
func (q *TextRequest) ParseQuickly(b []byte) bool { return q.parseQuickly(b) }
