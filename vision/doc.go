// Package vision reads pictures safely and tells what can be seen in them: size,
// light and sharpness, dominant colours, perceptual hashes that find copies, and
// faces. With a model of the caller's it finds objects, classes, vectors, segments and
// depth.
//
//	p, err := vision.New(vision.Options{})
//	r, err := p.Run(ctx, vision.Picture{ID: "a.jpg", Data: data})
//	fmt.Println(r.Properties.Width, r.Hashes.Perceptual, r.Colors[0].Color)
//
// The parts work alone, without a context or a runtime: [Inspect] and [Decode]
// for files, [ReadTensor] for models; [Resize], [Thumbnail] and [SmartCrop]; [Measure], [LumaHistogram],
// [PerceptualHashes] and [Dominant] for any image.Image; [Duplicates]; [BlurFaces]. All
// functions are safe for concurrent use. The pipelines below that run a model can be
// tasks of a [Pipeline], too.
//
// # Decoding
//
// A 270-byte JPEG can make a decoder reserve 20 GB. Here the header is read first,
// by this package, and held against [Limits] and against the file itself: a
// header that claims more pixels than its bytes can code is refused, in
// microseconds and without memory for them. JPEG is then decoded by this module, in
// about a fifth of the time of image/jpeg; the decoders of image/png, image/gif and
// golang.org/x/image/webp are called by name, never by package image's registry; a
// panic of theirs becomes an error. EXIF orientation is applied. Palette indexes are
// checked.
//
// [Info] tells camera, lens, date and exposure too, as far as the file does; where the
// picture was taken only if [DecodeOptions] ask for it. See [EXIF].
//
// # Tensors
//
// [ReadTensor] goes from the bytes of a file to the tensor of a model in one pass:
// a JPEG is shrunk while it is decoded, colours stay in their planes while these are
// scaled, EXIF orientation is folded into the last step. The [Transform] leads boxes
// back to the picture.
//
//	spec := vision.TensorSpec{Width: 224, Height: 224, Mean: mean, Std: std}
//	t, err := vision.ReadTensor(ctx, file, spec, tensor)
//
// CPU time in milliseconds beside other libraries, a photograph of 12 megapixels in a
// JPEG of 3.3 MB, one of 1 in 0.34 MB, on a machine with other work (load 17 to 31, the last
// row 10; x86-64 with AVX2 and BMI2); "make report AREA=vision" measures all again. Tensors
// are 224 by 224, Balanced, Lanczos3; OpenCV reduces while it decodes and takes means of
// areas.
//
//	                                  goal  here  imaging  OpenCV  sharp  Pillow
//	12 megapixels to a tensor           28    28      627      45     39      57
//	1 megapixel to a tensor              6   8.3       65     8.2    9.1      21
//	12 megapixels, all of them          60    54      290      89     99      76
//	12 megapixels to 1, pixels only     40    28      470      54     25     149
//
// The goals for tensors are missed under this load, that for 12 megapixels by a hair. Most
// of that time goes to the codes of the JPEG, bit by bit, which a processor without BMI2
// reads more slowly. In the
// third row imaging stands for image/jpeg, which stops at planes as this package does; the
// others give RGB.
//
// Balanced differs from Exact by 0.25 of 255 on average for the first, Fast by 1.4, and
// Fast by 0.6 for the second.
//
// # Faces
//
// A [FaceDetector], and a [Pipeline] with TaskFaces, find faces with BlazeFace, a
// network for cameras that look at people (Bazarevsky and others, 2019). Its 603 KB
// are part of the package; nothing is fetched. On the native backend it needs
// neither cgo nor a shared library.
//
//	d, err := vision.NewFaceDetector(vision.FaceDetectorOptions{})
//	faces, err := d.Run(ctx, vision.Picture{Data: data})
//	safe, err := vision.BlurFaces(img, faces)
//
// On 10 photographs of groups with 55 faces it finds 55 and nothing else. Of 25
// pictures without a person it takes two, a cat and a cup, for a face (scores 0.80
// and 0.68), of 24 images of printed text none. Without Tiles, faces of a
// twentieth of the picture's longer side are found; with them, 81 of 86 of a
// fiftieth and 120 of 196 of a seventy-fifth. These sets are small: try your own.
//
// A picture of 1024 by 768 pixels takes 8 to 12 ms of one processor core (x86-64
// with AVX2) after decoding, of which 1 is for scaling. ONNX Runtime takes
// about as long and finds the same.
//
// A [FaceLandmarker] lays a mesh of 468 points over each face, with the face mesh of
// MediaPipe in ONNX, which the caller brings: contours of eyes, brows, lips and face, and
// how far eyes and mouth are open. On the 55 faces the parts lie 0.02 of the distance
// of the eyes from those in the mirrored photograph, and 0.5 to 1.3 pixels off on a face of
// 104 pixels that is turned by up to 30 degrees.
//
// # Video
//
// [GIFFrames], [MJPEGFrames], [Y4M] and [RawFrames] return the frames of animations and of
// video that other programs decode, one after the other, under the same limits. Package
// vision/video finds scenes and key frames in them and follows objects.
//
//	v, err := vision.OpenY4M(os.Stdin, vision.Limits{})
//	for frame, err := range v.Frames() {
//		// ...
//	}
//
// # Models
//
// An [ObjectDetector], a [Classifier], an [Embedder], a [Segmenter] and a [Depth] run an
// ONNX model of the caller's on the runtime's backend. They read layout and size of
// the input from the model, make the tensors, several at once where the graph
// allows, and lead what comes out back to the pixels of the picture, upright as it is
// seen. The outputs tell an ObjectDetector what it has to do with: YOLOX, YOLO, SSD,
// DETR or CenterNet; see [ObjectDecoder].
//
//	model, err := optimize.OpenModel("detector.onnx")
//	d, err := vision.NewObjectDetector(vision.ObjectDetectorOptions{Model: model})
//	objects, err := d.Run(ctx, vision.Picture{Data: data})
//
// Each decoder is tested against a plain one on generated graphs. Two have
// also met published networks: with CenterNet (MobileNetV3, COCO, 512 pixels) 47 of
// the 56 persons in 11 photographs are found at the default MinScore, with 10 other
// boxes, of which some are right; in 13 photographs of people and things it is right 18
// times at 0.35, and wrong twice; of the faces in 10 photographs an SSD for
// faces (320 by 240) finds 55 of 55 and nothing else.
//
// # Reading
//
// A [Reader] finds and reads lines of print with the models of PP-OCR, which the caller
// brings. Characters right, with PP-OCRv4 and [ASCII]:
//
//	24 pictures of text, turned, noisy, inverse                    99.6 %
//	100 clean lines, in the Go fonts and in those of Debian        99.8 %, 99.6 %
//	100 hard lines of news (tilt, blur, upside down, JPEG)         99.3 %, 99.3 %
//
// The goals were 99.5 % for clean lines and 97 % for hard ones. Nothing was tuned on the
// lines; their text is of a newspaper, and rendered.
//
// # Limits
//
// No published weights of YOLOX, YOLO, DETR, RT-DETR, CLIP, or of classifiers, segmenters
// and estimators of depth were at hand: what is said of their inputs and
// outputs follows their papers and exports. Look at a few of your pictures
// before you trust the defaults of Spec. Models have one input, of float32 or uint8;
// anchors that are not decoded in the graph, masks of objects, several
// outputs by stride and labels of ImageNet are not read or known. A detector's
// outputs are looked at up to 8192 objects a picture, before suppression.
//
// Faces tilted by up to 50 degrees are found nearly as well as upright ones, of
// those that lie on their side half, upside down hardly any: the picture must stand
// upright. Profiles have low scores. Landmarks have no scores of their own. Faces
// are found, not recognised: see package vision/faceid.
//
// There is no decoder for TIFF, BMP, HEIC, AVIF, JPEG XL, animated WebP, or JPEG
// that is lossless, arithmetic coded or of 12 bits. Of an animation [Decode] reads only the
// first frame, and only GIFFrames more. Of EXIF the tags in [EXIF] are read, of XMP, IPTC and maker notes
// nothing. Colour profiles are ignored: samples count as sRGB.
// Analysis works on 8 bits a channel, whatever the file holds. A decoder of
// another format than JPEG that has begun cannot be cancelled.
//
// A lossless WebP of one colour takes some twenty bytes at any size, so it can
// honestly claim all that the limits allow. Peak memory is what MaxMemory says,
// plus the file, plus about a dozen rows and 2 MB for the analysis, some 3 MB more
// for faces, for each worker of the runtime. A 50-megapixel JPEG fits the default, but
// a progressive one whose chroma is not subsampled ends at 29 megapixels.
package vision
