package cloudstore_test

import (
	"context"
	"fmt"
	"log"

	"github.com/quintet-ai/quintet/optimize/hub/cloudstore"
)

func Example() {
	ctx := context.Background()
	s, err := cloudstore.Open(ctx, "mem://", cloudstore.Options{}) // or s3://, gs://, azblob://, file://
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Put(ctx, "jobs/1/result.txt", []byte("hello"), cloudstore.PutOptions{}); err != nil {
		log.Fatal(err)
	}
	for o, err := range s.List(ctx, "jobs/") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(o.Key, o.Size)
	}
	// Output:
	// jobs/1/result.txt 5
}
