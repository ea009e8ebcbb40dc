"""Make the services ready to be measured; a placeholder until their images are there."""
