<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis styleCategories="Symbology|Labeling|Fields|Forms" version="3.22.16-Białowieża">
  <renderer-v2 attr="OutType" enableorderby="0" forceraster="0" referencescale="-1" symbollevels="0" type="categorizedSymbol">
    <categories>
      <category label="Extended outline" render="true" symbol="0" value="Extended" />
      <category label="Restricted outline" render="true" symbol="1" value="Restricted" />
    </categories>
    <symbols>
      <symbol alpha="1" clip_to_extent="1" force_rhr="0" name="0" type="fill">
        <data_defined_properties>
          <Option type="Map">
            <Option name="name" type="QString" value="" />
            <Option name="properties" />
            <Option name="type" type="QString" value="collection" />
          </Option>
        </data_defined_properties>
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
          <Option type="Map">
            <Option name="border_width_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="color" type="QString" value="0,0,255,255" />
            <Option name="joinstyle" type="QString" value="bevel" />
            <Option name="offset" type="QString" value="0,0" />
            <Option name="offset_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="offset_unit" type="QString" value="MM" />
            <Option name="outline_color" type="QString" value="255,255,255,200" />
            <Option name="outline_style" type="QString" value="solid" />
            <Option name="outline_width" type="QString" value="1" />
            <Option name="outline_width_unit" type="QString" value="MM" />
            <Option name="style" type="QString" value="no" />
          </Option>
          <prop k="border_width_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="color" v="0,0,255,255" />
          <prop k="joinstyle" v="bevel" />
          <prop k="offset" v="0,0" />
          <prop k="offset_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="offset_unit" v="MM" />
          <prop k="outline_color" v="255,255,255,200" />
          <prop k="outline_style" v="solid" />
          <prop k="outline_width" v="1" />
          <prop k="outline_width_unit" v="MM" />
          <prop k="style" v="no" />
          <data_defined_properties>
            <Option type="Map">
              <Option name="name" type="QString" value="" />
              <Option name="properties" />
              <Option name="type" type="QString" value="collection" />
            </Option>
          </data_defined_properties>
        </layer>
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
          <Option type="Map">
            <Option name="border_width_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="color" type="QString" value="0,0,255,255" />
            <Option name="joinstyle" type="QString" value="bevel" />
            <Option name="offset" type="QString" value="0,0" />
            <Option name="offset_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="offset_unit" type="QString" value="MM" />
            <Option name="outline_color" type="QString" value="123,30,58,255" />
            <Option name="outline_style" type="QString" value="solid" />
            <Option name="outline_width" type="QString" value="0.5" />
            <Option name="outline_width_unit" type="QString" value="MM" />
            <Option name="style" type="QString" value="no" />
          </Option>
          <prop k="border_width_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="color" v="0,0,255,255" />
          <prop k="joinstyle" v="bevel" />
          <prop k="offset" v="0,0" />
          <prop k="offset_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="offset_unit" v="MM" />
          <prop k="outline_color" v="123,30,58,255" />
          <prop k="outline_style" v="solid" />
          <prop k="outline_width" v="0.5" />
          <prop k="outline_width_unit" v="MM" />
          <prop k="style" v="no" />
          <data_defined_properties>
            <Option type="Map">
              <Option name="name" type="QString" value="" />
              <Option name="properties" />
              <Option name="type" type="QString" value="collection" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
      <symbol alpha="1" clip_to_extent="1" force_rhr="0" name="1" type="fill">
        <data_defined_properties>
          <Option type="Map">
            <Option name="name" type="QString" value="" />
            <Option name="properties" />
            <Option name="type" type="QString" value="collection" />
          </Option>
        </data_defined_properties>
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
          <Option type="Map">
            <Option name="border_width_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="color" type="QString" value="0,0,255,255" />
            <Option name="joinstyle" type="QString" value="bevel" />
            <Option name="offset" type="QString" value="0,0" />
            <Option name="offset_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="offset_unit" type="QString" value="MM" />
            <Option name="outline_color" type="QString" value="255,255,255,200" />
            <Option name="outline_style" type="QString" value="solid" />
            <Option name="outline_width" type="QString" value="1" />
            <Option name="outline_width_unit" type="QString" value="MM" />
            <Option name="style" type="QString" value="no" />
          </Option>
          <prop k="border_width_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="color" v="0,0,255,255" />
          <prop k="joinstyle" v="bevel" />
          <prop k="offset" v="0,0" />
          <prop k="offset_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="offset_unit" v="MM" />
          <prop k="outline_color" v="255,255,255,200" />
          <prop k="outline_style" v="solid" />
          <prop k="outline_width" v="1" />
          <prop k="outline_width_unit" v="MM" />
          <prop k="style" v="no" />
          <data_defined_properties>
            <Option type="Map">
              <Option name="name" type="QString" value="" />
              <Option name="properties" />
              <Option name="type" type="QString" value="collection" />
            </Option>
          </data_defined_properties>
        </layer>
        <layer class="SimpleFill" enabled="1" locked="0" pass="0">
          <Option type="Map">
            <Option name="border_width_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="color" type="QString" value="0,0,255,255" />
            <Option name="joinstyle" type="QString" value="bevel" />
            <Option name="offset" type="QString" value="0,0" />
            <Option name="offset_map_unit_scale" type="QString" value="3x:0,0,0,0,0,0" />
            <Option name="offset_unit" type="QString" value="MM" />
            <Option name="outline_color" type="QString" value="11,110,79,255" />
            <Option name="outline_style" type="QString" value="dash" />
            <Option name="outline_width" type="QString" value="0.5" />
            <Option name="outline_width_unit" type="QString" value="MM" />
            <Option name="style" type="QString" value="no" />
          </Option>
          <prop k="border_width_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="color" v="0,0,255,255" />
          <prop k="joinstyle" v="bevel" />
          <prop k="offset" v="0,0" />
          <prop k="offset_map_unit_scale" v="3x:0,0,0,0,0,0" />
          <prop k="offset_unit" v="MM" />
          <prop k="outline_color" v="11,110,79,255" />
          <prop k="outline_style" v="dash" />
          <prop k="outline_width" v="0.5" />
          <prop k="outline_width_unit" v="MM" />
          <prop k="style" v="no" />
          <data_defined_properties>
            <Option type="Map">
              <Option name="name" type="QString" value="" />
              <Option name="properties" />
              <Option name="type" type="QString" value="collection" />
            </Option>
          </data_defined_properties>
        </layer>
      </symbol>
    </symbols>
    <rotation />
    <sizescale />
  </renderer-v2>
  <blendMode>0</blendMode>
  <featureBlendMode>0</featureBlendMode>
  <layerGeometryType>2</layerGeometryType>
  <fieldConfiguration>
    <field configurationFlags="None" name="PrimaryID">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="WorkingID">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="PolyUID">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="OutType">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option name="map" type="List">
              <Option type="Map">
                <Option name="(not stated)" type="QString" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" />
              </Option>
              <Option type="Map">
                <Option name="Extended" type="QString" value="Extended" />
              </Option>
              <Option type="Map">
                <Option name="Restricted" type="QString" value="Restricted" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="RelFr">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option name="map" type="List">
              <Option type="Map">
                <Option name="(not stated)" type="QString" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" />
              </Option>
              <Option type="Map">
                <Option name="low" type="QString" value="0" />
              </Option>
              <Option type="Map">
                <Option name="medium" type="QString" value="1" />
              </Option>
              <Option type="Map">
                <Option name="high" type="QString" value="2" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="RelLeftLM">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option name="map" type="List">
              <Option type="Map">
                <Option name="(not stated)" type="QString" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" />
              </Option>
              <Option type="Map">
                <Option name="low" type="QString" value="0" />
              </Option>
              <Option type="Map">
                <Option name="medium" type="QString" value="1" />
              </Option>
              <Option type="Map">
                <Option name="high" type="QString" value="2" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="RelRightLM">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option name="map" type="List">
              <Option type="Map">
                <Option name="(not stated)" type="QString" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" />
              </Option>
              <Option type="Map">
                <Option name="low" type="QString" value="0" />
              </Option>
              <Option type="Map">
                <Option name="medium" type="QString" value="1" />
              </Option>
              <Option type="Map">
                <Option name="high" type="QString" value="2" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="RelUpsCon">
      <editWidget type="ValueMap">
        <config>
          <Option type="Map">
            <Option name="map" type="List">
              <Option type="Map">
                <Option name="(not stated)" type="QString" value="{2839923C-8B7D-419E-B84B-CA2FE9B80EC7}" />
              </Option>
              <Option type="Map">
                <Option name="low" type="QString" value="0" />
              </Option>
              <Option type="Map">
                <Option name="medium" type="QString" value="1" />
              </Option>
              <Option type="Map">
                <Option name="high" type="QString" value="2" />
              </Option>
            </Option>
          </Option>
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="RelIndex">
      <editWidget type="Range">
        <config>
          <Option type="Map">
            <Option name="Min" type="int" value="0" />
            <Option name="Max" type="int" value="8" />
            <Option name="AllowNull" type="bool" value="true" />
          </Option>
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="Comment">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map">
            <Option name="IsMultiline" type="bool" value="true" />
          </Option>
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="area_m2">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="elevation_min_m">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="elevation_max_m">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="elevation_mean_m">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="slope_mean_deg">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="aspect_mean_deg">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="orientation_deg">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="length_m">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="width_m">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
    <field configurationFlags="None" name="front_height_m">
      <editWidget type="TextEdit">
        <config>
          <Option type="Map" />
        </config>
      </editWidget>
    </field>
  </fieldConfiguration>
  <aliases>
    <alias field="PrimaryID" index="0" name="Identifier of the unit (PrimaryID)" />
    <alias field="WorkingID" index="1" name="Local identifier or name (WorkingID)" />
    <alias field="PolyUID" index="2" name="Identifier of the polygon (PolyUID)" />
    <alias field="OutType" index="3" name="Type of outline (OutType)" />
    <alias field="RelFr" index="4" name="Reliability of the front (RelFr)" />
    <alias field="RelLeftLM" index="5" name="Reliability of the left lateral margin (RelLeftLM)" />
    <alias field="RelRightLM" index="6" name="Reliability of the right lateral margin (RelRightLM)" />
    <alias field="RelUpsCon" index="7" name="Reliability of the upslope connection (RelUpsCon)" />
    <alias field="RelIndex" index="8" name="Sum of the four reliabilities, 0 to 8 (RelIndex)" />
    <alias field="Comment" index="9" name="Comment (Comment)" />
    <alias field="area_m2" index="10" name="Area (m²)" />
    <alias field="elevation_min_m" index="11" name="Lowest elevation (m)" />
    <alias field="elevation_max_m" index="12" name="Highest elevation (m)" />
    <alias field="elevation_mean_m" index="13" name="Mean elevation (m)" />
    <alias field="slope_mean_deg" index="14" name="Mean slope (°)" />
    <alias field="aspect_mean_deg" index="15" name="Mean aspect (°, clockwise from north)" />
    <alias field="orientation_deg" index="16" name="Direction of flow (°, clockwise from north)" />
    <alias field="length_m" index="17" name="Length along the flow (m)" />
    <alias field="width_m" index="18" name="Width across the flow (m)" />
    <alias field="front_height_m" index="19" name="Height of the front (m)" />
  </aliases>
  <featformsuppress>0</featformsuppress>
  <editorlayout>tablayout</editorlayout>
  <attributeEditorForm>
    <attributeEditorContainer columnCount="1" groupBox="0" name="Identity" showLabel="1" visibilityExpression="" visibilityExpressionEnabled="0">
      <attributeEditorField index="0" name="PrimaryID" showLabel="1" />
      <attributeEditorField index="1" name="WorkingID" showLabel="1" />
      <attributeEditorField index="2" name="PolyUID" showLabel="1" />
      <attributeEditorField index="3" name="OutType" showLabel="1" />
      <attributeEditorField index="9" name="Comment" showLabel="1" />
    </attributeEditorContainer>
    <attributeEditorContainer columnCount="1" groupBox="0" name="Reliability" showLabel="1" visibilityExpression="" visibilityExpressionEnabled="0">
      <attributeEditorField index="4" name="RelFr" showLabel="1" />
      <attributeEditorField index="5" name="RelLeftLM" showLabel="1" />
      <attributeEditorField index="6" name="RelRightLM" showLabel="1" />
      <attributeEditorField index="7" name="RelUpsCon" showLabel="1" />
      <attributeEditorField index="8" name="RelIndex" showLabel="1" />
    </attributeEditorContainer>
    <attributeEditorContainer columnCount="1" groupBox="0" name="Morphometry" showLabel="1" visibilityExpression="" visibilityExpressionEnabled="0">
      <attributeEditorField index="10" name="area_m2" showLabel="1" />
      <attributeEditorField index="11" name="elevation_min_m" showLabel="1" />
      <attributeEditorField index="12" name="elevation_max_m" showLabel="1" />
      <attributeEditorField index="13" name="elevation_mean_m" showLabel="1" />
      <attributeEditorField index="14" name="slope_mean_deg" showLabel="1" />
      <attributeEditorField index="15" name="aspect_mean_deg" showLabel="1" />
      <attributeEditorField index="16" name="orientation_deg" showLabel="1" />
      <attributeEditorField index="17" name="length_m" showLabel="1" />
      <attributeEditorField index="18" name="width_m" showLabel="1" />
      <attributeEditorField index="19" name="front_height_m" showLabel="1" />
    </attributeEditorContainer>
  </attributeEditorForm>
  <editable>
    <field editable="0" name="PrimaryID" />
    <field editable="1" name="WorkingID" />
    <field editable="0" name="PolyUID" />
    <field editable="1" name="OutType" />
    <field editable="1" name="RelFr" />
    <field editable="1" name="RelLeftLM" />
    <field editable="1" name="RelRightLM" />
    <field editable="1" name="RelUpsCon" />
    <field editable="1" name="RelIndex" />
    <field editable="1" name="Comment" />
    <field editable="0" name="area_m2" />
    <field editable="0" name="elevation_min_m" />
    <field editable="0" name="elevation_max_m" />
    <field editable="0" name="elevation_mean_m" />
    <field editable="0" name="slope_mean_deg" />
    <field editable="0" name="aspect_mean_deg" />
    <field editable="0" name="orientation_deg" />
    <field editable="0" name="length_m" />
    <field editable="0" name="width_m" />
    <field editable="0" name="front_height_m" />
  </editable>
  <previewExpression>coalesce("WorkingID", "PrimaryID")</previewExpression>
</qgis>
