//! EC2 Image Builder: images of machines that are built, tested and handed out. Its parts cannot be
//! changed, only made anew, so their names hold a mark of what is in them. Source:
//! <https://docs.aws.amazon.com/imagebuilder/latest/userguide/what-is-image-builder.html>.

use crate::resource::iam::InstanceProfile;
use crate::resource::{Body, resource};
use crate::value::{Id, Value, block};

/// The version of everything: the mark in its name says what differs.
const VERSION: &str = "1.0.0";

/// The name of the root volume. Source:
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html>.
const ROOT: &str = "/dev/xvda";

/// How many minutes tests may take: at least 60. Source:
/// <https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageTestsConfiguration.html>.
const TEST_MINUTES: u16 = 60;

/// What is done to an image while it is built, and how it is tested.
#[derive(Debug)]
pub struct Component {
    /// Its name with its mark.
    pub name: Value,
    /// Its steps, as a document of at most 16,000 characters.
    pub steps: String,
}

resource!(Component, Some("AWS::ImageBuilder::Component"), "aws_imagebuilder_component", taggable: true, |self| {
    Body::new()
        .set("Name", self.name)
        .set("Version", VERSION)
        .set("Platform", "Linux")
        .set("Data", self.steps)
});

/// What an image is built from. Its root volume is encrypted with the account's own key.
#[derive(Debug)]
pub struct Recipe {
    /// Its name with its mark.
    pub name: Value,
    /// The Systems Manager parameter with the image to begin with.
    pub parent_parameter: &'static str,
    /// What is done to it.
    pub component: Id<Component>,
}

resource!(Recipe, Some("AWS::ImageBuilder::ImageRecipe"), "aws_imagebuilder_image_recipe", taggable: true, |self| {
    let root = block([
        ("DeviceName", ROOT.into()),
        ("Ebs", block([
            ("Encrypted", true.into()),
            ("VolumeType", "gp3".into()),
            ("DeleteOnTermination", true.into()),
        ])),
    ]);
    let component = block([("ComponentArn", self.component.att("Arn"))]);
    Body::new()
        .set("Name", self.name)
        .set("Version", VERSION)
        .set("ParentImage", format!("ssm:{}", self.parent_parameter))
        .set("Components", Value::List(vec![component]))
        .set("BlockDeviceMappings", Value::List(vec![root]))
});

/// The instance that builds and tests. It goes, whether it succeeds or not.
#[derive(Debug)]
pub struct Infrastructure {
    /// Its name.
    pub name: Value,
    /// What gives the instance its role.
    pub profile: Id<InstanceProfile>,
    /// Its type.
    pub kind: &'static str,
    /// Its subnet and group, where it is not the default network of the account.
    pub network: Option<(Value, Value)>,
}

resource!(Infrastructure, Some("AWS::ImageBuilder::InfrastructureConfiguration"),
    "aws_imagebuilder_infrastructure_configuration", taggable: true, |self| {
    let (subnet, group) = self.network.unzip();
    Body::new()
        .set("Name", self.name)
        .set("InstanceProfileName", &self.profile)
        .set("InstanceTypes", vec![self.kind])
        .set("InstanceMetadataOptions", block([
            ("HttpTokens", "required".into()),
            ("HttpPutResponseHopLimit", 1_u16.into()),
        ]))
        .set("TerminateInstanceOnFailure", true)
        .set_some("SubnetId", subnet)
        .set_some("SecurityGroupIds", group.map(|group| Value::List(vec![group])))
});

/// Where images go, and the parameter in each region that then holds their ids.
#[derive(Debug)]
pub struct Distribution {
    /// Its name.
    pub name: Value,
    /// What the names of images begin with.
    pub images: Value,
    /// The regions.
    pub regions: Vec<String>,
    /// The path of the parameter, below `/imagebuilder/`: the service's own role writes no other.
    /// Source: <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForImageBuilder.html>.
    pub parameter: String,
    /// The tags of images.
    pub tags: Vec<(String, Value)>,
}

resource!(Distribution, Some("AWS::ImageBuilder::DistributionConfiguration"),
    "aws_imagebuilder_distribution_configuration", taggable: true, |self| {
    let one = |region: &String| {
        let parameter = block([
            ("ParameterName", Value::from(&self.parameter)),
            ("DataType", "aws:ec2:image".into()),
        ]);
        let image = block([("Name", self.images.clone()), ("AmiTags", Value::Map(self.tags.clone()))]);
        block([
            ("Region", region.into()),
            ("AmiDistributionConfiguration", image),
            ("SsmParameterConfigurations", Value::List(vec![parameter])),
        ])
    };
    Body::new()
        .set("Name", self.name)
        .set("Distributions", Value::List(self.regions.iter().map(one).collect()))
});

/// An image that is built again whenever it is time.
#[derive(Debug)]
pub struct ImagePipeline {
    /// Its name.
    pub name: Value,
    /// How.
    pub of: Building,
    /// When: `cron(…)` or `rate(…)`, in UTC.
    pub schedule: String,
}

/// How an image is built, and where it goes.
#[derive(Clone, Debug)]
pub struct Building {
    /// From what.
    pub recipe: Id<Recipe>,
    /// On what.
    pub infrastructure: Id<Infrastructure>,
    /// Where it goes.
    pub distribution: Id<Distribution>,
}

impl Building {
    fn body(&self, body: Body) -> Body {
        body.set("ImageRecipeArn", self.recipe.att("Arn"))
            .set("InfrastructureConfigurationArn", self.infrastructure.att("Arn"))
            .set("DistributionConfigurationArn", self.distribution.att("Arn"))
            .set(
                "ImageTestsConfiguration",
                block([
                    ("ImageTestsEnabled", true.into()),
                    ("TimeoutMinutes", TEST_MINUTES.into()),
                ]),
            )
    }
}

resource!(ImagePipeline, Some("AWS::ImageBuilder::ImagePipeline"), "aws_imagebuilder_image_pipeline",
    taggable: true, |self| {
    self.of.body(Body::new().set("Name", self.name)).set("Schedule", block([
        ("ScheduleExpression", self.schedule.into()),
        ("PipelineExecutionStartCondition", "EXPRESSION_MATCH_ONLY".into()),
    ]))
});

/// The first image of a recipe: the deployment builds it and waits, so that instances find it.
#[derive(Debug)]
pub struct Image {
    /// How.
    pub of: Building,
}

resource!(Image, Some("AWS::ImageBuilder::Image"), "aws_imagebuilder_image", taggable: true, |self| {
    self.of.body(Body::new())
});
