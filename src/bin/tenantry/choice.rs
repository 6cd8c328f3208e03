//! What several commands are asked in the same words.

use tenantry::engine::Engine;

/// Which engine.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum EngineChoice {
    /// AWS CloudFormation
    Cloudformation,
    /// Terraform and OpenTofu
    Terraform,
    /// Both
    Both,
}

impl EngineChoice {
    /// The engines that are meant.
    pub fn engines(self) -> Vec<Engine> {
        match self {
            EngineChoice::Cloudformation => vec![Engine::CloudFormation],
            EngineChoice::Terraform => vec![Engine::Terraform],
            EngineChoice::Both => vec![Engine::CloudFormation, Engine::Terraform],
        }
    }
}

/// How to print a report.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Page {
    /// For people
    Text,
    /// For a page
    Markdown,
    /// For machines
    Json,
}
