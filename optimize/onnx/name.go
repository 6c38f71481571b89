package onnx

const name = "onnxruntime" // of the backend
