package vision

// ImageNetSpec describes the input of most classifiers, segmenters and other networks
// that were trained on ImageNet: RGB with the mean and deviation of its pictures, of
// which the middle is taken. Sizes may be 0 where the model says them.
func ImageNetSpec(width, height int) TensorSpec {
	return TensorSpec{
		Width: width, Height: height, Fit: FitCover, Filter: Bilinear,
		Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225},
	}
}

// CLIPSpec describes the input of the image part of CLIP (Radford and others, 2021)
// and of its descendants with the same normalisation: the middle of the picture,
// scaled with a bicubic filter. Sizes may be 0 where the model says them.
func CLIPSpec(width, height int) TensorSpec {
	return TensorSpec{
		Width: width, Height: height, Fit: FitCover, Filter: CatmullRom,
		Mean: [3]float32{0.48145466, 0.4578275, 0.40821073}, Std: [3]float32{0.26862954, 0.26130258, 0.27577711},
	}
}

// stretched is ImageNetSpec with all of the picture, its aspect lost.
func stretched(width, height int) TensorSpec {
	s := ImageNetSpec(width, height)
	s.Fit = FitStretch
	return s
}
