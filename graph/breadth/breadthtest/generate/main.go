// Command generate runs gqlgen and the breadth plugin over the test schema. It runs in breadthtest.
package main

import (
	"log"

	"github.com/99designs/gqlgen/api"
	"github.com/99designs/gqlgen/codegen/config"

	"backline/graph/codegen/breadth"
)

func main() {
	cfg, err := config.LoadConfigFromDefaultLocations()
	if err != nil {
		log.Fatal(err)
	}
	if err := api.Generate(cfg, api.AddPlugin(breadth.Plugin{})); err != nil {
		log.Fatal(err)
	}
}
