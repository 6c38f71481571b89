package auth

import (
	"slices"
	"strings"
)

// Policy says what roles may do: for each role its permissions, such as
// "text:process". "text:*" stands for all that begin with "text:", "*" for all.
type Policy map[string][]string

// Roles that [DefaultPolicy] knows.
const (
	RoleAdmin  = "admin"  // everything
	RoleUser   = "user"   // use the pipelines and one's own jobs
	RoleViewer = "viewer" // look at health, metrics and the dashboard
)

// DefaultPolicy is a policy for three roles.
func DefaultPolicy() Policy {
	return Policy{
		RoleAdmin: {"*"},
		RoleUser: {
			"text:*", "image:*", "audio:*", "graph:*", "vector:*", "batch:*", "jobs:*", "models:*", "system:info",
		},
		RoleViewer: {"system:info", "monitor:read", "models:list"},
	}
}

// Allows reports whether one of the principal's roles has the permission, and its
// scopes, if it has any, have it too.
func (p Policy) Allows(who Principal, permission string) bool {
	if permission == "" || who.Scopes != nil && !covers(who.Scopes, permission) {
		return false
	}
	return slices.ContainsFunc(who.Roles, func(role string) bool { return covers(p[role], permission) })
}

// covers reports whether a list has a permission.
func covers(list []string, permission string) bool {
	return slices.ContainsFunc(list, func(has string) bool {
		if prefix, ok := strings.CutSuffix(has, "*"); ok && (prefix == "" || strings.HasSuffix(prefix, ":")) {
			return strings.HasPrefix(permission, prefix)
		}
		return has == permission
	})
}
