module github.com/quintet-ai/quintet/monitor/gpu

go 1.26.0

replace github.com/quintet-ai/quintet => ../..

require (
	github.com/NVIDIA/go-nvml v0.13.4-1
	github.com/quintet-ai/quintet v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
