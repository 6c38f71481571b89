module github.com/quintet-ai/quintet

go 1.26.0

require (
	github.com/clipperhouse/uax29/v2 v2.7.0
	github.com/hashicorp/golang-lru/v2 v2.0.7
	github.com/stretchr/testify v1.12.1
	golang.org/x/image v0.47.0
	golang.org/x/sys v0.49.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
