package server

// Buckets returns how many callers the rate limiter knows.
func (s *Server) Buckets() int {
	s.limit.mu.Lock()
	defer s.limit.mu.Unlock()
	return s.limit.buckets.Len()
}
