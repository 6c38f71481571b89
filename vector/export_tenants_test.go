package vector

import (
	"maps"
	"slices"
)

// TenantDir returns the name of a tenant's directory.
func TenantDir(name string) string { return tenantDir(name) }

// TenantOf returns whose a directory is.
func TenantOf(dir string) (string, bool) { return tenantOf(dir) }

// OpenNames returns the names of the tenants that are open, once nothing is done in
// the background. No call may run meanwhile.
func OpenNames[K Key](t *Tenants[K]) []string {
	t.background.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Sorted(maps.Keys(t.tenants))
}

// Claimed reports whether Drop or closing has a tenant.
func Claimed[K Key](t *Tenants[K], name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.tenants[name]
	return n != nil && n.gone != nil
}
