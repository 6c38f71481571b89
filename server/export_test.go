package server

// Routes returns the methods and patterns of all routes.
func (s *Server) Routes() (all []string) {
	for _, rt := range s.routes {
		all = append(all, rt.name())
	}
	return all
}
