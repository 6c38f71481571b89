package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/quintet-ai/quintet/audio"
)

// live prints speech in samples as it begins and ends.
func live(ctx context.Context, c command, in io.Reader, out io.Writer) (err error) {
	d, err := audio.NewVoiceDetector(audio.VoiceDetectorOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	var broken error
	for e, err := range d.Listen(ctx, parts(c, in, &broken)) {
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s speech", clock(e.Start))
		if e.Ended {
			line = fmt.Sprintf("%s - %s spoken, probability %.2f", clock(e.Start), clock(e.End), e.Score)
		}
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return broken
}

// parts yields samples of 16 bits as clips of at most a tenth of a second, as they come. A
// part of a frame at the end is left out. Why it could not be read goes to broken.
func parts(c command, in io.Reader, broken *error) iter.Seq[audio.Clip] {
	return func(yield func(audio.Clip) bool) {
		r := bufio.NewReader(in)
		frame := 2 * c.channels
		buffer := make([]byte, max(c.rate/10, 1)*frame)
		for {
			n, err := io.ReadFull(r, buffer)
			n -= n % frame
			clip := audio.Clip{Rate: c.rate, Channels: c.channels, Samples: make([]float32, n/2)}
			for i := range clip.Samples {
				clip.Samples[i] = float32(int16(binary.LittleEndian.Uint16(buffer[2*i:]))) / (1 << 15)
			}
			if n > 0 && !yield(clip) || err == io.EOF || err == io.ErrUnexpectedEOF {
				return
			}
			if err != nil {
				*broken = err
				return
			}
		}
	}
}
