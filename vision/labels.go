package vision

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize"
)

// cocoNames are the things of COCO by their number in the data set, from 1 on, of
// which ten were never drawn: they begin with a minus.
const cocoNames = `person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,-street sign,
stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,-hat,backpack,umbrella,-shoe,
-eye glasses,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,
surfboard,tennis racket,bottle,-plate,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,
carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,-mirror,dining table,-window,-desk,toilet,-door,tv,laptop,
mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,-blender,book,clock,vase,scissors,teddy bear,
hair drier,toothbrush`

// COCOLabels returns the names of the 80 classes of COCO (Lin and others, 2014) in the
// order in which most detectors count them, from "person" to "toothbrush".
func COCOLabels() []string {
	return slices.DeleteFunc(cocoList(), func(s string) bool { return s[0] == '-' })
}

// coco91 returns the names by their number in the data set, 0 to 90, as networks of
// TensorFlow and DETR count: 0 is the background.
func coco91() []string {
	out := []string{"background"}
	for _, s := range cocoList() {
		out = append(out, strings.TrimPrefix(s, "-"))
	}
	return out
}

func cocoList() []string { return strings.Split(strings.ReplaceAll(cocoNames, "\n", ""), ",") }

// modelLabels returns the names of a model's classes: those given, or else those that
// config.json beside the model has as id2label, or nil.
func modelLabels(given []string, m optimize.Model) ([]string, error) {
	if len(given) > 0 {
		return slices.Clone(given), nil
	}
	data, err := m.File("config.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var config struct {
		Labels map[string]string `json:"id2label"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		return nil, fmt.Errorf("vision: config.json: %w: %w", err, quintet.ErrModel)
	}
	if len(config.Labels) == 0 {
		return nil, nil
	}
	out := make([]string, len(config.Labels))
	for i := range out {
		name, ok := config.Labels[strconv.Itoa(i)]
		if !ok {
			return nil, fmt.Errorf("vision: config.json names %d labels, none of them %d: %w", len(out), i, quintet.ErrModel)
		}
		out[i] = name
	}
	return out, nil
}

// numbered returns names for n classes that have none.
func numbered(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "LABEL_" + strconv.Itoa(i)
	}
	return out
}
