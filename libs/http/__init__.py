"""HTTP edges of services: authentication, bodies, metadata and CORS, without a product rule."""
